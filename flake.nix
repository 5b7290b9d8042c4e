# `nix run . -- tour`, `nix profile install .`. Parsed, and not built, where it was
# written: nixpkgs could not be had. It takes nixpkgs from the registry of whoever runs
# it, and pins it in flake.lock.
{
  description = "AWS IAM Identity Center from one fast, safe program";

  outputs = { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" ];
      each = f: nixpkgs.lib.genAttrs systems (system: f nixpkgs.legacyPackages.${system});
    in
    {
      packages = each (pkgs: rec {
        daypass = pkgs.callPackage ./packaging/nix/package.nix { };
        default = daypass;
      });
      devShells = each (pkgs: {
        default = pkgs.mkShell {
          packages = with pkgs; [ cargo rustc clippy rustfmt python3 fish zsh mandoc ];
        };
      });
    };
}
