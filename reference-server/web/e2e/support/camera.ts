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

/**
 * Runs before the page's code: the camera is a 1280x720 picture that is nowhere plain and never stands
 * still, so that its largest layer takes all the 1.5 Mbit/s it may have; fifteen times a second.
 */
export function beABusyCamera(): void {
  const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    if (!wanted?.video) return original(wanted);
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [1280, 720];
    const pen = canvas.getContext("2d");
    // Grain, drawn once and blown up: fine enough to cost bits in the largest layer and to be gone
    // from the smallest, as with what a camera sees.
    const grain = new OffscreenCanvas(720, 450);
    const dots = grain.getContext("2d");
    if (!pen || !dots) throw new Error("no 2d context");
    const dust = dots.createImageData(720, 450);
    // No more at once: so much chance is given out in one piece.
    for (let at = 0; at < dust.data.length; at += 65_536) crypto.getRandomValues(dust.data.subarray(at, at + 65_536));
    for (let at = 3; at < dust.data.length; at += 4) dust.data[at] = 255;
    dots.putImageData(dust, 0, 0);
    let step = 0;
    const draw = (): void => {
      step += 1;
      pen.globalAlpha = 1;
      pen.fillStyle = "#285078";
      pen.fillRect(0, 0, 1280, 720);
      pen.globalAlpha = 0.25;
      pen.drawImage(grain, -((step * 7) % 160), -((step * 5) % 80), 1440, 900);
      pen.globalAlpha = 1;
      pen.fillStyle = "#f0d060";
      pen.fillRect((step * 40) % 1280, 200, 320, 320);
    };
    draw();
    setInterval(draw, 66);
    return canvas.captureStream(15);
  };
}

/**
 * Runs before the page's code: the camera is `portrait`, somebody looking into it, in the middle of
 * a 1280x720 picture; grain as above lies over everything and never stands still; ten times a second.
 */
export function beAPortrait(portrait: string): void {
  const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    if (!wanted?.video) return original(wanted);
    const somebody = new Image();
    somebody.src = portrait;
    await somebody.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [1280, 720];
    const pen = canvas.getContext("2d");
    const grain = new OffscreenCanvas(720, 450);
    const dots = grain.getContext("2d");
    if (!pen || !dots) throw new Error("no 2d context");
    const dust = dots.createImageData(720, 450);
    for (let at = 0; at < dust.data.length; at += 65_536) crypto.getRandomValues(dust.data.subarray(at, at + 65_536));
    for (let at = 3; at < dust.data.length; at += 4) dust.data[at] = 255;
    dots.putImageData(dust, 0, 0);
    let step = 0;
    const draw = (): void => {
      step += 1;
      pen.globalAlpha = 1;
      pen.fillStyle = "#6090c0";
      pen.fillRect(0, 0, 1280, 720);
      pen.drawImage(somebody, 333, 0, 614, 720);
      pen.globalAlpha = 0.25;
      pen.drawImage(grain, -((step * 7) % 160), -((step * 5) % 80), 1440, 900);
    };
    draw();
    setInterval(draw, 100);
    return canvas.captureStream(10);
  };
}
