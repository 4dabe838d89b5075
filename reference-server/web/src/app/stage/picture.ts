// One picture in a small window of its own that stays in sight over other programs.

export function canFloat(): boolean {
  return typeof document !== "undefined" && document.pictureInPictureEnabled === true;
}

/** Opens or closes the window for `video`; whether it is open afterwards. */
export async function toggleFloating(video: HTMLVideoElement): Promise<boolean> {
  if (document.pictureInPictureElement === video) {
    await document.exitPictureInPicture();
    return false;
  }
  await video.requestPictureInPicture();
  return true;
}
