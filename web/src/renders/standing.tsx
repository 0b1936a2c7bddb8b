import { texts } from "../texts";
import { percent } from "../texts/format";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { ProgressBar } from "../ui/progress";
import { useActions } from "./actions";
import { Mend } from "./mend";
import { isOver, type Render } from "./render";
import { Thumb } from "./thumb";
import { adviceWords, paceWords, sentence, stageWords } from "./words";
import "./standing.css";

const words = texts.renders;
const STEPS = ["queued", "speech", "render", "join"] as const;

/** How a render stands that has no film: on its way, failed or cancelled. */
export function Standing({ render }: { render: Render }) {
  return (
    <section className="standing">
      <div className="standing-still">
        <Thumb render={render} side={480} />
      </div>
      {isOver(render.status) ? <Ended render={render} /> : <Going render={render} />}
    </section>
  );
}

function Going({ render }: { render: Render }) {
  const { cancel, busy } = useActions(render.id);
  const title = render.title || words.untitled;
  const pace = paceWords(render);
  const at = STEPS.indexOf(render.stage as (typeof STEPS)[number]);
  return (
    <div className="standing-words">
      <p className="standing-percent" aria-hidden="true">
        {percent(render.progress)}
      </p>
      <ProgressBar
        label={words.tray.progress(title)}
        share={render.progress > 0 ? render.progress : null}
        words={[percent(render.progress), stageWords(render), pace].filter(Boolean).join(", ")}
      />
      <p className="standing-pace">{pace}</p>
      <ol className="steps" aria-label={texts.result.steps}>
        {STEPS.map((step, index) => (
          <li
            key={step}
            className={index < at ? "step step-done" : index === at ? "step step-now" : "step"}
            aria-current={index === at ? "step" : undefined}
          >
            <span className="step-mark">{index < at && <Icon name="check" size={14} />}</span>
            {words.stages[step]}
          </li>
        ))}
      </ol>
      <Button icon={<Icon name="close" size={18} />} isBusy={busy} onClick={cancel}>
        {words.tray.cancelShort}
      </Button>
    </div>
  );
}

function Ended({ render }: { render: Render }) {
  const { error } = render;
  return (
    <div className="standing-words">
      <h2 className={error ? "standing-bad" : undefined}>
        {error && <Icon name="warning" />}
        {words.status[render.status]}
      </h2>
      {error ? (
        <>
          <p>{sentence(error.message)}</p>
          <p className="standing-pace">{adviceWords(error.code)}</p>
        </>
      ) : (
        <p>{texts.result.cancelledLead}</p>
      )}
      <div className="standing-actions">
        <Mend render={render} isMain />
      </div>
    </div>
  );
}
