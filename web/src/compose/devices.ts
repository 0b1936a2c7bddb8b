/** Why a camera or a microphone cannot be used. */
export type DeviceProblem = "denied" | "missing" | "busy" | "insecure" | "failed";

/** Ask for a camera or a microphone. Throws what `deviceProblem` explains. */
export async function openDevice(wanted: MediaStreamConstraints): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw new DOMException("no secure context", "SecurityError");
  return navigator.mediaDevices.getUserMedia(wanted);
}

export function closeDevice(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

export function deviceProblem(error: unknown): DeviceProblem {
  const names: Record<string, DeviceProblem> = {
    NotAllowedError: "denied",
    NotFoundError: "missing",
    OverconstrainedError: "missing",
    NotReadableError: "busy",
    AbortError: "busy",
    SecurityError: "insecure",
  };
  return error instanceof DOMException ? (names[error.name] ?? "failed") : "failed";
}
