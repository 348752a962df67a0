/** Whether a Kubernetes quantity is zero, with or without a unit. */
export function isZeroQuantity(quantity: string): boolean {
  return /^[+-]?0*\.?0*[A-Za-z]*$/.test(quantity.trim());
}
