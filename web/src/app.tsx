import { useState } from "react";
import { CreatePage } from "./compose/page";
import { LibraryPage } from "./renders/page";
import { Tray } from "./renders/tray";
import { SessionGate } from "./session/gate";
import { type Session, signOut } from "./session/session";
import { texts } from "./texts";
import { Button } from "./ui/button";
import { Icon } from "./ui/icon";
import { addressOf, type Place, usePlace } from "./ui/place";
import { savedTheme, setTheme, type Theme } from "./ui/theme";
import { Toasts } from "./ui/toasts";
import "./app.css";

export function App() {
  return <SessionGate>{(session, left) => <Studio session={session} onLeft={left} />}</SessionGate>;
}

function Studio({ session, onLeft }: { session: Session; onLeft: () => void }) {
  const place = usePlace();
  return (
    <>
      <button type="button" className="skip" onClick={skip}>
        {texts.nav.skip}
      </button>
      <Bar place={place} session={session} onLeft={onLeft} />
      <main id="content" tabIndex={-1}>
        {/* The composer stays as it was while one looks at the library. */}
        <div hidden={place.page !== "create"}>
          <CreatePage
            from={place.page === "create" ? place.from : null}
            isShown={place.page === "create"}
          />
        </div>
        {place.page !== "create" && (
          <LibraryPage open={place.page === "render" ? place.id : null} />
        )}
      </main>
      <Tray />
      <Toasts />
    </>
  );
}

/** The part of the address behind # is the place, so the focus is moved by hand. */
function skip() {
  document.getElementById("content")?.focus();
}

function Bar({ place, session, onLeft }: { place: Place; session: Session; onLeft: () => void }) {
  const [theme, choose] = useState<Theme>(savedTheme);
  const isCreating = place.page === "create";
  return (
    <header className="bar">
      <span className="bar-brand">{texts.brand}</span>
      <nav className="bar-nav" aria-label={texts.nav.label}>
        <a
          href={addressOf({ page: "create", from: null })}
          aria-current={isCreating ? "page" : undefined}
        >
          {texts.nav.create}
        </a>
        <a href={addressOf({ page: "library" })} aria-current={isCreating ? undefined : "page"}>
          {texts.nav.library}
        </a>
      </nav>
      <label className="bar-theme">
        <Icon name="light" />
        <span className="for-readers">{texts.nav.theme.label}</span>
        <select
          value={theme}
          onChange={(event) => {
            const chosen = event.target.value as Theme;
            setTheme(chosen);
            choose(chosen);
          }}
        >
          <option value="auto">{texts.nav.theme.auto}</option>
          <option value="light">{texts.nav.theme.light}</option>
          <option value="dark">{texts.nav.theme.dark}</option>
        </select>
      </label>
      {session.needs_key && (
        <Button kind="quiet" onClick={() => signOut().finally(onLeft)}>
          {texts.nav.signOut}
        </Button>
      )}
    </header>
  );
}
