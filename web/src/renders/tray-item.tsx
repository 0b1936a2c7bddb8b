import { texts } from "../texts";
import { percent } from "../texts/format";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { addressOf } from "../ui/place";
import { ProgressBar } from "../ui/progress";
import { useActions } from "./actions";
import { Mend } from "./mend";
import { isOver, type Render } from "./render";
import { endSending, type Sending } from "./sending";
import { dismiss } from "./store";
import { Thumb } from "./thumb";
import { adviceWords, paceWords, stageWords } from "./words";

const words = texts.renders.tray;

export function TrayItem({ render }: { render: Render }) {
  const { cancel, busy } = useActions(render.id);
  const title = render.title || texts.renders.untitled;
  const isEnded = isOver(render.status);
  return (
    <li className="tray-item">
      <span className="tray-thumb">
        <Thumb render={render} side={160} />
      </span>
      <div className="tray-words">
        <a className="tray-title" href={addressOf({ page: "render", id: render.id })}>
          {title}
        </a>
        {isEnded ? <Ending render={render} /> : <Going render={render} title={title} />}
      </div>
      {isEnded ? (
        <Button
          kind="quiet"
          icon={<Icon name="close" size={18} />}
          aria-label={words.dismiss(title)}
          title={texts.ui.dismiss}
          onClick={() => dismiss(render.id)}
        />
      ) : (
        <Button
          kind="quiet"
          icon={<Icon name="close" size={18} />}
          aria-label={words.cancel(title)}
          title={words.cancelShort}
          isBusy={busy}
          onClick={cancel}
        />
      )}
    </li>
  );
}

function Going({ render, title }: { render: Render; title: string }) {
  const pace = paceWords(render);
  return (
    <>
      <p className="tray-line">
        <span>{stageWords(render)}</span>
        {pace && <span className="tray-pace">{pace}</span>}
      </p>
      <ProgressBar
        label={words.progress(title)}
        share={render.progress > 0 ? render.progress : null}
        words={[percent(render.progress), stageWords(render), pace].filter(Boolean).join(", ")}
      />
    </>
  );
}

function Ending({ render }: { render: Render }) {
  if (render.status === "done") {
    return (
      <p className="tray-line tray-done">
        <Icon name="check" size={16} /> {words.ready}
      </p>
    );
  }
  return (
    <>
      <p className="tray-line tray-failed">{adviceWords(render.error?.code ?? "failed")}</p>
      <Mend render={render} />
    </>
  );
}

/** A render that the service does not know of yet. */
export function SendingItem({ sending }: { sending: Sending }) {
  const title = sending.title || texts.renders.untitled;
  const { problem, again } = sending;
  return (
    <li className="tray-item">
      <span className="tray-thumb tray-thumb-empty">
        <Icon name="film" />
      </span>
      <div className="tray-words">
        <span className="tray-title">{title}</span>
        {problem ? (
          <p className="tray-line tray-failed">
            {words.notSent}. {adviceWords(problem.code)}
          </p>
        ) : (
          <>
            <p className="tray-line">{words.asking}</p>
            <ProgressBar label={words.progress(title)} share={null} />
          </>
        )}
      </div>
      {problem && again && (
        <Button
          kind="quiet"
          icon={<Icon name="again" size={18} />}
          aria-label={`${words.retry}: ${title}`}
          title={words.retry}
          onClick={again}
        />
      )}
      <Button
        kind="quiet"
        icon={<Icon name="close" size={18} />}
        aria-label={problem ? words.dismiss(title) : words.cancel(title)}
        onClick={problem ? () => endSending(sending.key) : sending.stop}
      />
    </li>
  );
}
