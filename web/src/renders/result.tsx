import { useEffect, useState } from "react";
import { texts } from "../texts";
import { Button } from "../ui/button";
import { explain } from "../ui/explain";
import { Icon } from "../ui/icon";
import { addressOf, go } from "../ui/place";
import { useTitle } from "../ui/title";
import { Details } from "./details";
import { Downloads } from "./downloads";
import { Film } from "./film";
import { RemoveDialog } from "./remove";
import { TitleEditor, useFocusBack } from "./rename";
import type { Render } from "./render";
import { Share } from "./share";
import { Standing } from "./standing";
import { look, useRenders } from "./store";
import "./result.css";

const words = texts.result;

/** One render: the film and what can be done with it, or how far it is. */
export function Result({ id }: { id: string }) {
  const live = useRenders();
  const render = live.byId.get(id);
  const { readings } = live;
  const [problem, setProblem] = useState<unknown>(null);
  useEffect(() => void look(id).then(setProblem), [id, readings]);

  if (render) return <Shown render={render} />;
  if (live.gone.has(id)) return <Missing />;
  if (problem !== null) {
    return (
      <div className="library-empty" role="alert">
        <p>{explain(problem)}</p>
        <Button onClick={() => look(id).then(setProblem)}>{texts.problems.again}</Button>
      </div>
    );
  }
  return (
    <div className="result" aria-busy="true">
      <p className="for-readers">{words.loading}</p>
    </div>
  );
}

function Shown({ render }: { render: Render }) {
  const [isRemoving, remove] = useState(false);
  const isDone = render.status === "done";
  useTitle(render.title || texts.renders.untitled);
  return (
    <article className="result">
      <a className="result-back" href={addressOf({ page: "library" })}>
        <Icon name="back" size={18} />
        {words.back}
      </a>
      <header className="result-head">
        <Title render={render} />
        <Button
          icon={<Icon name="copy" size={18} />}
          onClick={() => go({ page: "create", from: render.id })}
        >
          {texts.renders.useAgain}
        </Button>
        <Button kind="danger" icon={<Icon name="trash" size={18} />} onClick={() => remove(true)}>
          {texts.renders.remove.start}
        </Button>
      </header>
      <div className="result-body">
        <div className="result-stage">
          {isDone ? <Film render={render} /> : <Standing render={render} />}
        </div>
        <div className="result-side">
          {isDone && <Downloads render={render} />}
          {isDone && <Share id={render.id} />}
          <Details render={render} />
        </div>
      </div>
      {isRemoving && (
        <RemoveDialog
          renders={[render]}
          onClose={() => remove(false)}
          onDone={(gone) => {
            if (gone.length > 0) go({ page: "library" });
          }}
        />
      )}
    </article>
  );
}

function Title({ render }: { render: Render }) {
  const [isRenaming, setRenaming] = useState(false);
  const button = useFocusBack(isRenaming);
  const title = render.title || texts.renders.untitled;
  if (isRenaming) {
    return (
      <div className="result-title">
        <h1 className="for-readers">{title}</h1>
        <TitleEditor render={render} onDone={() => setRenaming(false)} />
      </div>
    );
  }
  return (
    <div className="result-title">
      <h1>{title}</h1>
      <Button
        ref={button}
        kind="quiet"
        icon={<Icon name="edit" size={18} />}
        aria-label={texts.renders.rename.start}
        title={texts.renders.rename.start}
        onClick={() => setRenaming(true)}
      />
    </div>
  );
}

function Missing() {
  useTitle(words.missingTitle);
  return (
    <div className="library-empty">
      <span className="library-empty-icon">
        <Icon name="film" size={36} />
      </span>
      <h1>{words.missingTitle}</h1>
      <p>{words.missingLead}</p>
      <Button kind="main" onClick={() => go({ page: "library" })}>
        {words.toLibrary}
      </Button>
    </div>
  );
}
