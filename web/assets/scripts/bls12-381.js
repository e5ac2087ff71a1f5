// The curve of the public beacon, for the browser's verifier of draws.
export { bls12_381 } from "@noble/curves/bls12-381.js";
