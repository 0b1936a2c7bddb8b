/** open: the render that is looked at. */
export function LibraryPage({ open }: { open: string | null }) {
  return <p>{open}</p>;
}
