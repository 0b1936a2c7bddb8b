/** Line icons on a 24 px grid, drawn for the studio. */
const paths = {
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6 6 18",
  play: "M8 5.5v13l10.5-6.500z",
  pause: "M9 5v14M15 5v14",
  camera: "M4 8h3l1.5-2.500h7L17 8h3v11H4zM12 10a3.3 3.3 0 1 0 0 6.6 3.3 3.3 0 0 0 0-6.6",
  microphone:
    "M12 3.500a2.8 2.8 0 0 0-2.8 2.800v5a2.8 2.8 0 0 0 5.6 0v-5A2.8 2.8 0 0 0 12 3.500M6 11a6 6 0 0 0 12 0M12 17v3.5",
  image: "M4 5h16v14H4zM4 16l4.5-4.5 4 4 2.5-2.5 5 4.500M15.5 9.500h.01",
  text: "M5 6h14M5 11h14M5 16h9",
  sound: "M4 9.500v5h3.500L12 19V5L7.5 9.500zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.500a8 8 0 0 1 0 11",
  download: "M12 4v11M7.5 11l4.5 4.5 4.5-4.500M5 20h14",
  share: "M9 12h6M10 8H8a4 4 0 0 0 0 8h2M14 8h2a4 4 0 0 1 0 8h-2",
  trash: "M5 7h14M9.5 7V4.500h5V7M7 7l1 13h8l1-13",
  edit: "M5 19l1-4L16 5l3 3L9 18z",
  again: "M19 12a7 7 0 1 1-2.1-5M19 4v4h-4",
  search: "M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12M15.5 15.5 20 20",
  cube: "M12 3.500l7.5 4.200v8.600L12 20.500l-7.5-4.200V7.700zM4.5 7.7 12 12l7.5-4.300M12 12v8.5",
  more: "M5 8h14M5 16h14M9 6v4M15 14v4",
  film: "M4 5h16v14H4zM8 5v14M16 5v14M4 9.700h4M4 14.300h4M16 9.700h4M16 14.300h4",
  copy: "M9 9h10v11H9zM15 9V4.500H5V15h4",
  open: "M13 5h6v6M19 5l-8.500 8.500M17 14v5H5V7h5",
  down: "M6 9.500l6 6 6-6",
  up: "M6 14.500l6-6 6 6",
  back: "M14.500 6l-6 6 6 6",
  check: "M5 12.5 10 17.5 19 7",
  warning: "M12 4 21 19.500H3zM12 10v4.500M12 17h.01",
  light:
    "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.400M18.4 5.6 17 7M7 17l-1.4 1.4",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}
