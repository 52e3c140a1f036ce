//! The error of a build without `--cfg madsim`.
//!
//! Other packages of the workspace depend on this one where the flag is missing, and only there. It depends on nothing, so
//! that it is among the first to be compiled, before there is anything else to fail.

#[cfg(not(madsim))]
compile_error!(
    "revline is built without `--cfg madsim`.

Time, entropy and the executor must be simulated, or no run could be repeated. That is chosen for the whole build, so it
cannot be a feature. Put these lines into `.cargo/config.toml`, beside the Cargo.toml of your package or workspace:

    [build]
    rustflags = [\"--cfg\", \"madsim\"]
    rustdocflags = [\"--cfg\", \"madsim\"]

If they are there: the environment variable RUSTFLAGS, and `target.<triple>.rustflags` or `target.'cfg(..)'.rustflags` in any
config.toml of cargo, are taken in place of `build.rustflags`. Add `--cfg madsim` to them, too. `cargo build --manifest-path`
reads the config.toml of the folder it is called in; `cargo install --path` that of the package, and `cargo install --git` none:
there it is `RUSTFLAGS=\"--cfg madsim\" cargo install --git URL revline`.

`docs/testing-your-service.md` of revline has more.
"
);
