// Pictures: what is seen before one has come, and where one does not come.

import { onConnection } from "./connection.js";
import { h } from "./dom.js";

const BLUR = 32; // Pixels of the blurred picture, which the browser makes larger.
const NOTHING = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==";
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";

// A browser shows a torn page where a picture fails. Here what lies behind it stays: the blurred
// picture, or a colour. Once the server is reached again it is asked for again.
document.addEventListener("error", ({ target }) => {
  if (!(target instanceof HTMLImageElement) || target.src === NOTHING) return;
  target.dataset.failed = target.src;
  target.src = NOTHING;
}, true);
onConnection((isOnline) => {
  if (!isOnline) return;
  for (const image of document.querySelectorAll("img[data-failed]")) {
    image.src = image.dataset.failed;
    delete image.dataset.failed;
  }
});

export function picture(image, src, alt = "") {
  const box = h("span", { className: "picture" }, blurred(image.blurhash),
    h("img", { src, width: image.width, height: image.height, alt, loading: "lazy" }));
  box.style.setProperty("--shape", `${image.width} / ${image.height}`);
  return box;
}

// The Blurhash of a picture (https://blurha.sh): waves of colour, each with how strong it is.
function blurred(hash) {
  const canvas = h("canvas", { width: BLUR, height: BLUR, ariaHidden: "true" });
  const pixels = new ImageData(BLUR, BLUR);
  const waves = wavesOf(hash);
  const columns = (numberOf(hash[0]) % 9) + 1;
  for (let at = 0; at < BLUR * BLUR; at += 1) {
    const [x, y] = [(at % BLUR) / BLUR, Math.floor(at / BLUR) / BLUR];
    const sum = [0, 0, 0];
    waves.forEach((colour, wave) => {
      const height = Math.cos(Math.PI * x * (wave % columns)) * Math.cos(Math.PI * y * Math.floor(wave / columns));
      colour.forEach((strength, part) => { sum[part] += strength * height; });
    });
    pixels.data.set([...sum.map(toByte), 255], 4 * at);
  }
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  return canvas;
}

function wavesOf(hash) {
  const average = numberOf(hash.slice(2, 6));
  const strongest = (numberOf(hash[1]) + 1) / 166;
  const others = (hash.slice(6).match(/../g) ?? []).map(numberOf);
  const part = (value) => Math.sign(value - 9) * ((value - 9) / 9) ** 2 * strongest;
  return [
    [average >> 16, (average >> 8) & 255, average & 255].map(toLight),
    ...others.map((value) => [Math.floor(value / 361), Math.floor(value / 19) % 19, value % 19].map(part)),
  ];
}

const numberOf = (text) => [...text].reduce((sum, digit) => sum * 83 + DIGITS.indexOf(digit), 0);

// Between the bytes of a screen and the light that they stand for (sRGB).
const toLight = (byte) => (byte <= 10 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4);

function toByte(light) {
  const value = Math.min(1, Math.max(0, light));
  return Math.round(255 * (value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055));
}
