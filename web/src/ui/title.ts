import { useEffect } from "react";
import { texts } from "../texts";

let page = "";
let news = "";

/** Name the page in the window's title while the component is shown. */
export function useTitle(title: string): void {
  useEffect(() => {
    page = title;
    write();
    return () => {
      page = "";
      write();
    };
  }, [title]);
}

/** Put something before the page's name; "" takes it away. */
export function setTitleNews(text: string): void {
  if (text !== news) {
    news = text;
    write();
  }
}

function write() {
  document.title = [news, page, texts.brand].filter(Boolean).join(" · ");
}
