/** What a file that was dropped, pasted or picked is for. */
export type FileUse = "picture" | "sound" | "text" | null;

const PICTURES = /\.(jpe?g|jfif|png|webp|gif|bmp|tiff?|avif|hei[cf])$/i;
const VIDEOS = /\.(mp4|m4v|mov|webm|mkv|avi)$/i;
const SOUNDS = /\.(mp3|wav|m4a|aac|ogg|oga|opus|flac|wma|amr)$/i;

export const PICTURE_TYPES = "image/*,video/*,.heic,.heif,.avif";
export const SOUND_TYPES = "audio/*,video/*";
export const BACKDROP_TYPES = "image/*,.heic,.heif,.avif";

export function useOf(file: File): FileUse {
  if (file.type.startsWith("image/") || isVideo(file) || PICTURES.test(file.name)) return "picture";
  if (file.type.startsWith("audio/") || SOUNDS.test(file.name)) return "sound";
  if (file.type === "text/plain") return "text";
  return null;
}

export function isVideo(file: File): boolean {
  return file.type.startsWith("video/") || (file.type === "" && VIDEOS.test(file.name));
}
