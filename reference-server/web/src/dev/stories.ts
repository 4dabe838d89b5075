// Pages with made-up states, to look at while developing: `/stories?story=NAME`. Not in the build.

import { mount } from "svelte";
import "../app/theme.css";
import { prefs } from "../app/prefs.svelte";
import { notices } from "../app/live/notices.svelte";
import Stories from "./Stories.svelte";

const params = new URLSearchParams(location.search);
if (params.get("lang") === "de") prefs.locale = "de";
if (params.get("story") === "saving") prefs.saving = true;
if (params.get("story") === "captions") prefs.captionLanguage = "de";
const theme = params.get("theme");
if (theme !== null) document.documentElement.dataset["theme"] = theme;
const target = document.getElementById("app");
if (target !== null) mount(Stories, { target, props: { story: params.get("story") ?? "" } });
if (params.get("story") === "notice") notices.show("Ann hat Ihr Mikrofon stummgeschaltet.", "problem");
