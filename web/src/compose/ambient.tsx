import { useEffect, useRef } from "react";

const FEW_PX = 6;
const SIDE_PX = 48;

/**
 * The picture's colours, spread out behind it.
 *
 * Made of a few pixels once: a blur by CSS is done anew with every frame of what moves before it.
 */
export function Ambient({ address }: { address: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const picture = new Image();
    picture.onload = () => {
      const shown = canvas.current?.getContext("2d");
      const few = document.createElement("canvas");
      few.width = FEW_PX;
      few.height = FEW_PX;
      few.getContext("2d")?.drawImage(picture, 0, 0, FEW_PX, FEW_PX);
      if (!shown) return;
      shown.imageSmoothingQuality = "high";
      shown.drawImage(few, 0, 0, SIDE_PX, SIDE_PX);
    };
    picture.src = address;
    return () => {
      picture.onload = null;
    };
  }, [address]);
  return <canvas ref={canvas} className="stage-ambient" width={SIDE_PX} height={SIDE_PX} />;
}
