import { answer, service } from "../api/client";
import type { components } from "../api/schema";
import type { Render, RenderStatus } from "./render";

/** Which renders of the library are meant. */
export interface Query {
  search: string;
  statuses: readonly RenderStatus[];
}

/** next: the `before` of what follows; null on the last page. */
export interface Page {
  renders: Render[];
  next: string | null;
}

export async function findRenders(
  query: Query,
  page: { before?: string | null; limit: number },
  signal?: AbortSignal,
): Promise<Page> {
  return answer(
    service.GET("/v1/renders", {
      params: {
        query: {
          limit: page.limit,
          ...(query.search && { search: query.search }),
          ...(query.statuses.length > 0 && { status: [...query.statuses] }),
          ...(page.before && { before: page.before }),
        },
      },
      signal,
    }),
  );
}

export async function lookAt(id: string): Promise<Render> {
  return answer(service.GET("/v1/renders/{render_id}", of(id)));
}

export async function cancelRender(id: string): Promise<Render> {
  return answer(service.POST("/v1/renders/{render_id}/cancel", of(id)));
}

export async function retryRender(id: string): Promise<Render> {
  return answer(service.POST("/v1/renders/{render_id}/retry", of(id)));
}

export async function deleteRender(id: string): Promise<void> {
  await answer(service.DELETE("/v1/renders/{render_id}", of(id)));
}

export async function renameRender(id: string, title: string): Promise<Render> {
  const { params } = of(id);
  return answer(service.PATCH("/v1/renders/{render_id}", { params, body: { title } }));
}

/** A page that plays the video for who has no key. */
export type Share = components["schemas"]["ShareView"];

export async function shareRender(id: string, hours: number): Promise<Share> {
  const { params } = of(id);
  return answer(service.POST("/v1/renders/{render_id}/share", { params, body: { hours } }));
}

/** The id of the picture that a render was asked with. */
export async function pictureOf(id: string): Promise<string> {
  return (await answer(service.GET("/v1/renders/{render_id}/request", of(id)))).portrait;
}

function of(id: string) {
  return { params: { path: { render_id: id } } };
}
