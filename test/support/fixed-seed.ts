import fc from "fast-check";

// The same cases in every run: what fails here fails for everybody, and a change is not blamed for another's rare case.
fc.configureGlobal({ seed: Number(process.env.SEED ?? 1) });
