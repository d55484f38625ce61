// What the spreadsheet uses of SlickGrid: the grid, its events and ranges, and the cell selection model.
export {
  GlobalEditorLock,
  SlickEditorLock,
  SlickEvent,
  SlickEventData,
  SlickRange,
} from "slickgrid/src/slick.core.ts";
export { SlickGrid } from "slickgrid/src/slick.grid.ts";
export { SlickHybridSelectionModel } from "slickgrid/src/plugins/slick.hybridselectionmodel.ts";
