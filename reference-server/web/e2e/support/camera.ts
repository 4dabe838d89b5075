// A camera of one's own making, where the browser's would be too much work for the machine.

/** Runs before the page's code: the camera is a moving 1280x720 picture, ten times a second. */
export function beASlowCamera(): void {
  const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    if (!wanted?.video) return original(wanted);
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [1280, 720];
    const pen = canvas.getContext("2d");
    let step = 0;
    const draw = (): void => {
      if (!pen) return;
      pen.fillStyle = "#285078";
      pen.fillRect(0, 0, 1280, 720);
      pen.fillStyle = "#f0d060";
      pen.fillRect((step = (step + 40) % 1280), 200, 320, 320);
    };
    draw();
    setInterval(draw, 100);
    return canvas.captureStream(10);
  };
}
