import { memo, useState } from "react";
import { texts } from "../texts";
import { ago, moment, percent, playingTime } from "../texts/format";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { addressOf, go } from "../ui/place";
import { ProgressBar } from "../ui/progress";
import { useActions } from "./actions";
import { Mend } from "./mend";
import { TitleEditor, useFocusBack } from "./rename";
import { isOver, type Render } from "./render";
import { Thumb } from "./thumb";
import { leftOf, paceWords, speedWords, stageWords, timeLeft } from "./words";
import "./card.css";

const words = texts.renders;

interface Props {
  render: Render;
  now: number;
  isSelecting: boolean;
  isSelected: boolean;
  onSelect: (is: boolean) => void;
  onRemove: () => void;
}

/** A render in the grid: its still leads to it; what one can do with it is below. */
export const Card = memo(
  function Card({ render, now, isSelecting, isSelected, onSelect, onRemove }: Props) {
    const [isRenaming, setRenaming] = useState(false);
    const renameButton = useFocusBack(isRenaming);
    const title = render.title || words.untitled;
    const length = render.report?.duration_s;
    return (
      <li
        className={classes(
          "card",
          render.status !== "done" && "card-dim",
          isSelecting && "card-selecting",
          isSelected && "card-selected",
        )}
      >
        <div className="card-still">
          <Thumb render={render} side={480} />
          {render.status === "done" && (
            <span className="card-play">
              <Icon name="play" size={26} />
            </span>
          )}
          {length !== undefined && <span className="card-length">{playingTime(length)}</span>}
          {render.status !== "done" && <State render={render} title={title} />}
          <label className="card-check">
            <input
              type="checkbox"
              checked={isSelected}
              aria-label={texts.library.select(title)}
              onChange={(event) => onSelect(event.target.checked)}
            />
          </label>
        </div>
        <div className="card-words">
          {isRenaming ? (
            <TitleEditor render={render} onDone={() => setRenaming(false)} />
          ) : (
            <>
              <a
                className="card-title"
                href={addressOf({ page: "render", id: render.id })}
                title={title}
              >
                {title}
              </a>
              <div className="card-foot">
                <time dateTime={render.created} title={moment(render.created)}>
                  {ago(render.created, now)}
                </time>
                <span className="card-actions">
                  <Button
                    kind="quiet"
                    icon={<Icon name="copy" size={18} />}
                    aria-label={words.useAgainOne(title)}
                    title={words.useAgain}
                    onClick={() => go({ page: "create", from: render.id })}
                  />
                  <Button
                    ref={renameButton}
                    kind="quiet"
                    icon={<Icon name="edit" size={18} />}
                    aria-label={words.rename.startOne(title)}
                    title={words.rename.start}
                    onClick={() => setRenaming(true)}
                  />
                  <Button
                    kind="quiet"
                    icon={<Icon name="trash" size={18} />}
                    aria-label={words.remove.startOne(title)}
                    title={words.remove.start}
                    onClick={onRemove}
                  />
                </span>
              </div>
            </>
          )}
        </div>
      </li>
    );
  },
  (a, b) =>
    a.render === b.render &&
    a.isSelected === b.isSelected &&
    a.isSelecting === b.isSelecting &&
    a.now === b.now,
);

function classes(...names: (string | false)[]): string {
  return names.filter(Boolean).join(" ");
}

/** How a render that is not done stands, over its still. */
function State({ render, title }: { render: Render; title: string }) {
  const { cancel, busy } = useActions(render.id);
  const isFailed = render.status === "failed";
  if (isOver(render.status)) {
    return (
      <div className={isFailed ? "card-state card-state-bad" : "card-state"}>
        <p>
          {isFailed && <Icon name="warning" size={16} />} {words.status[render.status]}
        </p>
        <Mend render={render} />
      </div>
    );
  }
  const pace = paceWords(render);
  return (
    <div className="card-state">
      <p>{stageWords(render)}</p>
      <p className="card-pace">
        <span className="card-speed">{speedWords(render)}</span> {timeLeft(leftOf(render))}
      </p>
      <Button
        isBusy={busy}
        icon={<Icon name="close" size={16} />}
        aria-label={words.tray.cancel(title)}
        title={words.tray.cancelShort}
        onClick={cancel}
      />
      <ProgressBar
        label={words.tray.progress(title)}
        share={render.progress > 0 ? render.progress : null}
        words={[percent(render.progress), stageWords(render), pace].filter(Boolean).join(", ")}
      />
    </div>
  );
}
