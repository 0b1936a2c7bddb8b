import { texts } from "../texts";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { addressOf } from "../ui/place";
import { useActions } from "./actions";
import type { Render } from "./render";
import { needsChange } from "./words";

const words = texts.renders.tray;

/** What leads on from a render that failed or was cancelled: another try, or another request. */
export function Mend({ render, isMain = false }: { render: Render; isMain?: boolean }) {
  const { retry, busy } = useActions(render.id);
  const title = render.title || texts.renders.untitled;
  const kind = isMain ? "main" : "plain";
  if (render.error !== null && needsChange(render.error.code)) {
    return (
      <a
        className={`button button-${kind}`}
        href={addressOf({ page: "create", from: render.id })}
        aria-label={`${words.change}: ${title}`}
      >
        <Icon name="edit" size={18} />
        {words.change}
      </a>
    );
  }
  return (
    <Button
      kind={kind}
      icon={<Icon name="again" size={18} />}
      aria-label={`${words.retry}: ${title}`}
      isBusy={busy}
      onClick={retry}
    >
      {words.retry}
    </Button>
  );
}
