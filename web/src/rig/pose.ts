/** Everything that a face does in one frame, as the rows of a track tell it. */

/** The order of the numbers in a row of a track's poses. */
export const POSE_COLUMNS = [
  "mouth.upper_raise_mm",
  "mouth.lower_drop_mm",
  "mouth.width_mm",
  "mouth.jaw_mm",
  "mouth.press",
  "mouth.labiodental",
  "mouth.round",
  "mouth.smile",
  "mouth.tongue",
  "mouth.tongue_out",
  "eyes.blink_left",
  "eyes.blink_right",
  "eyes.gaze_x_mm",
  "eyes.gaze_y_mm",
  "eyes.brow_mm",
  "eyes.squint",
  "head.yaw_rad",
  "head.pitch_rad",
  "head.roll_rad",
  "head.x_mm",
  "head.y_mm",
  "head.breath",
  "body.x_mm",
  "body.y_mm",
  "body.roll_rad",
  "viseme",
] as const;

export type PoseColumn = (typeof POSE_COLUMNS)[number];

/** One row by the names of its columns, as `lipsmith.core.motion` describes them. */
export type Pose = Record<PoseColumn, number>;

/** The face as in the picture, its mouth closed. */
export function neutralPose(): Pose {
  return Object.fromEntries(POSE_COLUMNS.map((column) => [column, 0])) as Pose;
}

/** Read a row into `pose`; columns that it does not have are 0. */
export function readPose(row: ArrayLike<number>, pose: Pose): void {
  for (let i = 0; i < POSE_COLUMNS.length; i++) pose[POSE_COLUMNS[i]!] = row[i] ?? 0;
}
