/** from: a render whose picture, words and options are used again. */
export function CreatePage({ from }: { from: string | null }) {
  return <p>{from}</p>;
}
