// Positions of the server's log: `{epoch}.{number}`. Of one epoch the higher number is later.
// Of two epochs nothing can be said: then what comes last counts, as after a reset.

export function isLater(one, other) {
  if (!other) return Boolean(one);
  if (!one) return false;
  const [epoch, number] = one.split(".");
  const [otherEpoch, otherNumber] = other.split(".");
  return epoch !== otherEpoch || Number(number) > Number(otherNumber);
}

// For answers to a GET: they have all that is as old as their position, so an equal one counts too.
export const isAsLate = (one, other) => one === other || isLater(one, other);
