// Keys of the sheet, caught before SlickGrid sees them. Letters are told by their place (event.code), so that
// shortcuts work on the Russian layout too.

const LEAVING = new Set(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]);
const EDGES = new Set([...LEAVING, "Home", "End"]);
const INSIDE = new Set([...LEAVING, "Home", "End", "PageUp", "PageDown"]);

/** `view`: selectAll, selectRows, selectColumns, selectTo, copyWithHeadings, fill, showRow. */
export function bindKeyboard(container, grid, gestures, view) {
  container.addEventListener("keydown", onKey, { capture: true });

  function onKey(event) {
    if (event.isComposing || event.target.closest("a, button") || !grid.getActiveCell()) return;
    const handled = grid.getCellEditor() ? editing(event, grid.getCellEditor()) : moving(event);
    if (handled) {
      event.stopPropagation();
      if (handled === "done") event.preventDefault();
    }
  }

  /** "done": nobody else shall act on the key; "native": the browser shall, the grid shall not. */
  function editing(event, editor) {
    if (editor.onKey?.(event)) return "native";
    if (event.key === "Enter") {
      if (grid.getEditorLock().commitCurrentEdit()) step(event.shiftKey ? -1 : 1);
      return "done";
    }
    if (event.key === "Tab" || event.key === "Escape") return null;
    if (LEAVING.has(event.key) && editor.typing && !event.shiftKey && !event.ctrlKey) return null;
    return INSIDE.has(event.key) || event.ctrlKey || event.metaKey ? "native" : null;
  }

  function moving(event) {
    const command = event.ctrlKey || event.metaKey;
    if (command && !event.altKey) return commands(event);
    if (event.altKey) return null;
    switch (event.key) {
      case "F2":
        edit(event);
        return "done";
      case "Enter":
        step(event.shiftKey ? -1 : 1);
        return "done";
      case "Home":
      case "End":
        if (!event.shiftKey) return null;
        view.selectTo(event.key);
        return "done";
      case "Delete":
      case "Backspace":
        gestures.clear();
        return "done";
      case " ":
        if (event.shiftKey) view.selectRows();
        else if (!gestures.toggle()) view.showRow();
        return "done";
    }
    if ([...event.key].length === 1) {
      edit(event);
      return "native"; // the editor has the focus now, the browser puts the letter there
    }
    return null;
  }

  /** The grid throws where nothing may be edited at all. */
  function edit(event) {
    if (grid.getOptions().editable) grid.editActiveCell(undefined, undefined, event);
  }

  function commands(event) {
    if (event.shiftKey && EDGES.has(event.key)) {
      view.selectTo(event.key, true);
      return "done";
    }
    switch (event.code) {
      case "KeyC":
        if (event.shiftKey) view.copyWithHeadings();
        return event.shiftKey ? "done" : "native"; // the copy, paste and cut events follow
      case "KeyV":
      case "KeyX":
        return "native";
      case "KeyZ":
        if (event.shiftKey) gestures.redo();
        else gestures.undo();
        return "done";
      case "KeyY":
        gestures.redo();
        return "done";
      case "KeyD":
      case "KeyR":
        if (event.code === "KeyR" && event.shiftKey) return "native"; // the page without the cache
        fillOn(event);
        return "done";
      case "Semicolon":
        gestures.today();
        return "done";
      case "KeyA":
        view.selectAll();
        return "done";
      case "Space":
        view.selectColumns();
        return "done";
    }
    return null;
  }

  /** Ctrl+D down, Ctrl+R right, Ctrl+Shift+D a series down. */
  function fillOn(event) {
    if (event.code === "KeyR") view.fill.right();
    else if (event.shiftKey) view.fill.series(true);
    else view.fill.down();
  }

  function step(rows) {
    if (rows > 0) grid.navigateDown();
    else grid.navigateUp();
    grid.focus();
  }
}
