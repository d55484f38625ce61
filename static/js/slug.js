// Proposes the address of a workspace from its title until the user writes one himself.
const LATIN = {
  а: "a", б: "b", в: "v", г: "g", д: "d", е: "e", ё: "e", ж: "zh", з: "z", и: "i", й: "y", к: "k", л: "l", м: "m",
  н: "n", о: "o", п: "p", р: "r", с: "s", т: "t", у: "u", ф: "f", х: "h", ц: "ts", ч: "ch", ш: "sh", щ: "sch",
  ъ: "", ы: "y", ь: "", э: "e", ю: "yu", я: "ya",
};

export function connect(form) {
  const { title, slug } = form.elements;
  let own = slug.value !== "";
  slug.addEventListener("input", () => {
    own = slug.value !== "";
  });
  title.addEventListener("input", () => {
    if (own) return;
    slug.value = [...title.value.toLowerCase()]
      .map((letter) => LATIN[letter] ?? letter)
      .join("")
      .replace(/[^a-z0-9]+/g, "_")
      .replace(/^[_0-9]+|_+$/g, "")
      .slice(0, 40);
  });
}
