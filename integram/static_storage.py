"""Static files under names with a hash of their content, compressed, so that browsers keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # WhiteNoise has no types
    """Rewrites ``import './store.js'`` too, so that a module's imports have hashed names."""

    support_js_module_import_aggregation = True
