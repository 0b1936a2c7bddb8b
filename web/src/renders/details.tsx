import { texts } from "../texts";
import { moment, number, playingTime } from "../texts/format";
import { Icon } from "../ui/icon";
import type { Render, Report } from "./render";
import { sentence } from "./words";
import "./panels.css";

const words = texts.result;

/** A render's report, in words. */
export function Details({ render }: { render: Render }) {
  const { report } = render;
  const text = render.options.text;
  const warnings = report?.warnings ?? [];
  return (
    <>
      {warnings.length > 0 && (
        <section className="panel panel-warning">
          <h2>
            <Icon name="warning" size={18} />
            {words.warnings}
          </h2>
          <ul>
            {warnings.map((warning) => (
              <li key={warning}>{sentence(warning)}</li>
            ))}
          </ul>
        </section>
      )}
      <section className="panel">
        <h2>{words.details}</h2>
        <dl className="details">
          {rows(render, report ?? {}).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {typeof text === "string" && (
          <>
            <h3>{words.text}</h3>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it, too. */}
            <section className="details-text" tabIndex={0} aria-label={words.text}>
              {text}
            </section>
          </>
        )}
      </section>
    </>
  );
}

function rows(render: Render, report: Partial<Report>): [string, string][] {
  const { duration_s, width, height, frames, fps, elapsed_s } = report;
  const told: [string, string | null | undefined][] = [
    [words.length, duration_s === undefined ? null : playingTime(duration_s)],
    [words.size, width && height ? words.sizeOf(String(width), String(height)) : null],
    [words.rate, frames && fps ? words.framesAt(number(frames), number(fps, 2)) : null],
    [words.engine, report.engine],
    [words.voice, report.voice],
    [words.speed, elapsed_s && duration_s ? speedWords(elapsed_s, duration_s) : null],
    [words.made, moment(render.created)],
  ];
  return told.filter((row): row is [string, string] => Boolean(row[1]));
}

function speedWords(elapsed_s: number, duration_s: number): string {
  const took = words.took(number(elapsed_s, elapsed_s < 10 ? 1 : 0));
  return elapsed_s <= duration_s
    ? words.faster(took, number(duration_s / elapsed_s, 1))
    : words.slower(took, number(elapsed_s / duration_s, 1));
}
