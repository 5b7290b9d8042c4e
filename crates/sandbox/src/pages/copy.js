// Buttons that copy. Without this script a field is selected and copied by hand.
for (const field of document.querySelectorAll(".copy input, .copy textarea")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "second";
  button.textContent = "Copy";
  button.setAttribute("aria-label", "Copy: " + field.labels[0].textContent);
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value);
    button.textContent = "Copied";
  });
  field.addEventListener("focus", () => field.select());
  field.after(button);
}
