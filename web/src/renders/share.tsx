import { useId, useRef, useState } from "react";
import { texts } from "../texts";
import { moment } from "../texts/format";
import { Button } from "../ui/button";
import { explain } from "../ui/explain";
import { Icon } from "../ui/icon";
import { tell } from "../ui/toasts";
import { type Share as Shared, shareRender } from "./calls";
import "../ui/field.css";
import "./panels.css";

const words = texts.result.share;
const LASTING = ["24", "168", "720"] as const;

/** Makes a link that plays the video for who has no key. */
export function Share({ id }: { id: string }) {
  const [hours, setHours] = useState<string>(LASTING[1]);
  const [shared, setShared] = useState<Shared | null>(null);
  const [isBusy, setBusy] = useState(false);
  const control = useId();
  const lasting: Record<string, string> = words.hours;

  async function make() {
    setBusy(true);
    try {
      setShared(await shareRender(id, Number(hours)));
    } catch (error) {
      tell(explain(error), { kind: "bad" });
    } finally {
      setBusy(false);
    }
  }

  return (
    <section className="panel">
      <h2>{words.title}</h2>
      <p className="panel-lead">{words.lead}</p>
      <div className="share-row">
        <label htmlFor={control} className="for-readers">
          {words.lasts}
        </label>
        <select
          id={control}
          className="input select"
          value={hours}
          onChange={(event) => {
            setHours(event.target.value);
            setShared(null);
          }}
        >
          {LASTING.map((each) => (
            <option key={each} value={each}>
              {words.lastsFor(lasting[each] ?? "")}
            </option>
          ))}
        </select>
        <Button icon={<Icon name="share" size={18} />} isBusy={isBusy} onClick={make}>
          {words.make}
        </Button>
      </div>
      {shared && <Link shared={shared} />}
    </section>
  );
}

function Link({ shared }: { shared: Shared }) {
  const field = useRef<HTMLInputElement>(null);
  const [isCopied, setCopied] = useState(false);
  const url = new URL(shared.url, location.href).href;

  async function copy() {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(url);
    } catch {
      // Away from https and localhost there is only this.
      document.execCommand("copy");
    }
    setCopied(true);
    setTimeout(() => setCopied(false), 2500);
  }

  return (
    <div className="share-link">
      <input
        ref={field}
        className="input"
        aria-label={words.link}
        readOnly
        value={url}
        onFocus={(event) => event.target.select()}
      />
      <Button
        kind="main"
        icon={<Icon name={isCopied ? "check" : "copy"} size={18} />}
        onClick={copy}
      >
        {isCopied ? words.copied : words.copy}
      </Button>
      <a className="button button-plain" href={url} target="_blank" rel="noopener">
        <Icon name="open" size={18} />
        {words.open}
      </a>
      <p className="share-until" role="status">
        {isCopied ? words.copied : words.until(moment(shared.expires))}
      </p>
    </div>
  );
}
