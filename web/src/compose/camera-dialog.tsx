import { useCallback, useEffect, useRef, useState } from "react";
import { texts } from "../texts";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Icon } from "../ui/icon";
import { Select } from "../ui/select";
import { closeDevice, type DeviceProblem, deviceProblem, openDevice } from "./devices";
import "./camera-dialog.css";

interface Props {
  onTaken: (picture: File) => void;
  onClose: () => void;
}

const words = texts.compose.camera;
const NAME = "camera.jpg";
const QUALITY = 0.95;

/** Shows what the camera sees, as in a mirror, and takes a picture of it. */
export function CameraDialog({ onTaken, onClose }: Props) {
  const video = useRef<HTMLVideoElement>(null);
  const [chosen, setChosen] = useState("");
  const { isLive, problem, cameras, retry } = useCamera(video, chosen);
  const [taken, setTaken] = useState<{ file: File; address: string } | null>(null);

  useEffect(() => () => void (taken && URL.revokeObjectURL(taken.address)), [taken]);

  async function take() {
    const file = video.current && (await grab(video.current));
    if (file) setTaken({ file, address: URL.createObjectURL(file) });
  }

  return (
    <Dialog
      title={words.title}
      width="wide"
      onClose={onClose}
      actions={
        taken ? (
          <>
            <Button icon={<Icon name="again" />} onClick={() => setTaken(null)}>
              {words.again}
            </Button>
            <Button
              kind="main"
              icon={<Icon name="check" />}
              onClick={() => {
                onTaken(taken.file);
                onClose();
              }}
            >
              {words.use}
            </Button>
          </>
        ) : problem ? (
          <Button kind="main" icon={<Icon name="again" />} onClick={retry}>
            {words.retry}
          </Button>
        ) : (
          <Button kind="main" icon={<Icon name="camera" />} disabled={!isLive} onClick={take}>
            {words.take}
          </Button>
        )
      }
    >
      <div className="camera">
        <div className="camera-view" data-live={isLive || undefined}>
          <video ref={video} aria-label={words.live} autoPlay muted playsInline hidden={!!taken} />
          {taken && <img src={taken.address} alt={words.taken} />}
          {!isLive && !taken && (
            <p className="camera-told" role={problem ? "alert" : "status"}>
              <Icon name={problem ? "warning" : "camera"} size={28} />
              <span>{problem ? words[problem] : words.starting}</span>
            </p>
          )}
        </div>
        {cameras.length > 1 && !taken ? (
          <Select
            label={words.which}
            value={chosen}
            choices={cameras.map(({ deviceId, label }, i) => ({
              value: deviceId,
              label: label || words.unnamed(i + 1),
            }))}
            onChange={setChosen}
          />
        ) : (
          <p className="camera-hint">{words.hint}</p>
        )}
      </div>
    </Dialog>
  );
}

/** Runs the camera while the dialog is open. */
function useCamera(video: React.RefObject<HTMLVideoElement | null>, deviceId: string) {
  const [isLive, setLive] = useState(false);
  const [problem, setProblem] = useState<DeviceProblem | null>(null);
  const [cameras, setCameras] = useState<MediaDeviceInfo[]>([]);
  const [tries, setTries] = useState(0);
  const retry = useCallback(() => setTries((count) => count + 1), []);

  useEffect(() => {
    let stream: MediaStream | null = null;
    let isOver = false;
    setLive(false);
    setProblem(null);
    const size = { width: { ideal: 1920 }, height: { ideal: 1080 } };
    const which = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: "user" };
    openDevice({ video: { ...size, ...which } }).then(
      async (opened) => {
        stream = opened;
        if (isOver) {
          closeDevice(opened);
          return;
        }
        const shown = video.current;
        if (!shown) return;
        shown.srcObject = opened;
        await shown.play().catch(() => {});
        setLive(true);
        const devices = await navigator.mediaDevices.enumerateDevices();
        setCameras(devices.filter(({ kind }) => kind === "videoinput"));
      },
      (error) => !isOver && setProblem(deviceProblem(error)),
    );
    return () => {
      isOver = true;
      closeDevice(stream);
      if (video.current) video.current.srcObject = null;
    };
  }, [deviceId, tries, video]);

  return { isLive, problem, cameras, retry };
}

/** The picture as others see one, not mirrored: what is written on a shirt can be read. */
async function grab(video: HTMLVideoElement): Promise<File | null> {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d")?.drawImage(video, 0, 0);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  return blob && new File([blob], NAME, { type: blob.type });
}
