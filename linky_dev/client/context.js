// What the parts of the app share.

import { Live } from "./live.js";
import { Loader } from "./loader.js";
import { Store } from "./store.js";

export const store = new Store();
export const loader = new Loader(store);

let following = new Map();
let onFollowing = () => {};

export const live = new Live(store, (topics) => {
  following = topics;
  onFollowing();
});
export const followedFrom = () => following;
export const whenFollowing = (act) => { onFollowing = act; };
