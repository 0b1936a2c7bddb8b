import { answer, service } from "../api/client";
import type { components } from "../api/schema";

export type Faces = components["schemas"]["FacesView"];
export type Face = components["schemas"]["FaceView"];

/** Who is in a picture that was sent. */
export async function findFaces(id: string, signal?: AbortSignal): Promise<Faces> {
  const path = { portrait_id: id };
  const asked = service.GET("/v1/portraits/{portrait_id}/faces", { params: { path }, signal });
  // The client's types forget how long the boxes are.
  return (await answer(asked)) as Faces;
}

/** Where the picture is, upright and as browsers show it; of a video, the first one in it. */
export function pictureAddress(id: string, side = 2048): string {
  return `/v1/portraits/${encodeURIComponent(id)}?side=${side}`;
}

/** The face as glTF, for 3D programs. */
export function exportAddress(id: string, face: number): string {
  return `/v1/portraits/${encodeURIComponent(id)}/export?face=${face}`;
}
