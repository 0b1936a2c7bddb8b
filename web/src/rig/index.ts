export { POSE_COLUMNS, type PoseColumn } from "./pose";
export { RigView } from "./view";
