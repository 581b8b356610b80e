// The lists of the app, by name: where each is fetched, what is in it, and in which order.
//
// A name is a kind of list and ids: `posts`, `lounge:{id}`, `replies:{post}:{comment}`.

// `isPartlyTold`: no topic tells all that comes into such a list, so each visit fetches it.

const byId = (one, other) => (one < other ? -1 : 1); // Ids are UUIDv7: their order is that of time.
const newestFirst = (one, other) => byId(other, one);

const OWN = ["favorites", "recent"];

const KINDS = {
  posts: { kind: "post", path: () => "/posts", has: () => true, order: newestFirst, isPartlyTold: true },
  lounge: { kind: "post", path: (id) => `/lounges/${id}/posts`, has: (post, id) => post.lounge.id === id, order: newestFirst },
  author: { kind: "post", path: (id) => `/posts?author_id=${id}`, has: (post, id) => post.author?.id === id, order: newestFirst, isPartlyTold: true },
  comments: { kind: "comment", path: (id) => `/posts/${id}/comments`, has: (comment, id) => comment.post_id === id && !comment.parent_id, order: byId, limit: 50 },
  replies: { kind: "comment", path: (post, id) => `/posts/${post}/comments?parent_id=${id}`, has: (comment, post, id) => comment.parent_id === id, order: byId, limit: 50 },
  notifications: { kind: "notification", path: () => "/notifications", has: () => true, order: newestFirst },
  // Their order is the server's own, so what is new in them comes with the next fetch.
  lounges: { kind: "lounge", path: (which = "popular") => (OWN.includes(which) ? `/lounges/${which}` : `/lounges?sort=${which}`), limit: 100, isPartlyTold: true },
  favorites: { kind: "post", path: () => "/posts?feed=favorites", isPartlyTold: true },
  found: { kind: "post", path: (words, sort) => `/posts?q=${words}${sort ? `&sort=${sort}` : ""}`, isPartlyTold: true },
  found_lounges: { kind: "lounge", path: (words) => `/lounges?q=${words}`, isPartlyTold: true },
  appeals: { kind: "appeal", path: () => "/appeals", isPartlyTold: true },
  reports: { kind: "report", path: () => "/reports", isPartlyTold: true },
  requests: { kind: "request", path: () => "/lounge-requests", isPartlyTold: true },
};

export function listKind(name) {
  const [kind, ...ids] = name.split(":");
  const { has, path, order, limit = 20, ...rest } = KINDS[kind];
  return { ...rest, limit, order, path: path(...ids), has: has ? (value) => has(value, ...ids) : null };
}
