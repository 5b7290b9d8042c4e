# Parsed, and not built, where it was written: nixpkgs could not be had.
{ lib, stdenv, rustPlatform, installShellFiles }:

rustPlatform.buildRustPackage {
  pname = "daypass";
  version = (lib.importTOML ../../Cargo.toml).workspace.package.version;
  src = lib.cleanSource ../..;
  cargoLock.lockFile = ../../Cargo.lock;
  cargoBuildFlags = [ "--package" "daypass" ];
  # The tests want a home, a terminal and the clients of other tools.
  doCheck = false;
  nativeBuildInputs = [ installShellFiles ];

  postInstall = lib.optionalString (stdenv.buildPlatform.canExecute stdenv.hostPlatform) ''
    ./packaging/assemble $out/bin/daypass assembled
    installManPage assembled/man/*
    installShellCompletion --cmd daypass \
      --bash assembled/completions/daypass.bash \
      --zsh assembled/completions/_daypass \
      --fish assembled/completions/daypass.fish
  '';

  meta = {
    description = "AWS IAM Identity Center from one fast, safe program";
    license = with lib.licenses; [ asl20 mit ];
    mainProgram = "daypass";
    platforms = lib.platforms.unix;
  };
}
