"""What happens in a workspace, for the layers above it. Sent inside the transaction of the write, so that what a
receiver writes is written with it or not at all. Ids only: who may see them is the receiver's to ask."""

from django.dispatch import Signal

#: New columns of a table. Arguments: workspace (slug), term_id, requisite_ids, names.
columns_made = Signal()

#: Nodes that are gone for good: the trash was emptied. Arguments: workspace (slug), record_ids (columns, tables too).
records_erased = Signal()

#: A workspace is being dropped with everything in it. Arguments: workspace (slug).
workspace_dropped = Signal()

#: A batch has written to a workspace, records or structure. Arguments: workspace (slug), batch_id.
records_written = Signal()
