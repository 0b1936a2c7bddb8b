import "./progress.css";

interface Props {
  /** What this is the progress of, for readers. */
  label: string;
  /** 0..1; null while it is not known. */
  share: number | null;
  /** How far it is, in words. */
  words?: string;
  tone?: "plain" | "good" | "bad";
}

export function ProgressBar({ label, share, words, tone = "plain" }: Props) {
  return (
    <div
      role="progressbar"
      className={`progress progress-${tone}`}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={share === null ? undefined : Math.floor(share * 100)}
      aria-valuetext={words}
    >
      <div
        className={share === null ? "progress-fill progress-unknown" : "progress-fill"}
        style={share === null ? undefined : { transform: `scaleX(${share})` }}
      />
    </div>
  );
}
