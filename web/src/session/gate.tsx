import { type FormEvent, type ReactNode, useCallback, useEffect, useState } from "react";
import { Problem } from "../api/client";
import { texts } from "../texts";
import { Button } from "../ui/button";
import { currentSession, type Session, signIn } from "./session";
import "./gate.css";

interface Props {
  children: (session: Session, left: () => void) => ReactNode;
}

/** Shows the studio to who may use it, and asks others for a key. */
export function SessionGate({ children }: Props) {
  const [session, setSession] = useState<Session | null>(null);
  const [offline, setOffline] = useState(false);

  const look = useCallback(() => {
    setOffline(false);
    currentSession().then(setSession, () => setOffline(true));
  }, []);
  useEffect(look, [look]);

  if (offline) {
    return (
      <main className="gate" id="content">
        <p role="alert">{texts.problems.offline}</p>
        <Button onClick={look}>{texts.problems.again}</Button>
      </main>
    );
  }
  if (!session) {
    return (
      <main className="gate" id="content" aria-busy="true">
        <p className="for-readers">{texts.session.loading}</p>
      </main>
    );
  }
  if (session.needs_key && !session.signed_in) return <SignIn onDone={setSession} />;
  return children(session, look);
}

function SignIn({ onDone }: { onDone: (session: Session) => void }) {
  const [key, setKey] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);

  async function enter(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      onDone(await signIn(key.trim()));
    } catch (error) {
      setProblem(explain(error));
      setBusy(false);
    }
  }

  return (
    <main className="gate" id="content">
      <form className="gate-card" onSubmit={enter}>
        <h1>{texts.session.title}</h1>
        <p>{texts.session.lead}</p>
        <label htmlFor="key">{texts.session.key}</label>
        <input
          id="key"
          type="password"
          autoComplete="current-password"
          required
          value={key}
          aria-invalid={problem !== null}
          aria-describedby="key-problem"
          onChange={(event) => setKey(event.target.value)}
        />
        <p id="key-problem" className="gate-problem" role="alert">
          {problem}
        </p>
        <Button type="submit" kind="main" isBusy={isBusy}>
          {texts.session.enter}
        </Button>
      </form>
    </main>
  );
}

function explain(error: unknown): string {
  if (!(error instanceof Problem)) return texts.problems.unexpected;
  if (error.code === "offline") return texts.problems.offline;
  return error.status === 401 ? texts.session.wrong : error.message;
}
