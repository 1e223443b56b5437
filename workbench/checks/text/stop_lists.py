"""The most frequent small words of languages in Latin script, by which one tells them apart."""

from __future__ import annotations

# Frequent in the language, and no frequent word of English: "to", "do" and "a" made Czech of English sentences.
STOP_WORDS: dict[str, str] = {
    "en": "the and of to in is that it for was on are as with his they at be this have from or had by but not what"
    " all were we when your can said there an which their will if do you how would could should it's don't has"
    " been",
    "de": "der die das und ist nicht ein eine zu den von mit sich des auf für im dem auch es werden aus er hat dass"
    " sie nach wird bei einer um sind noch wie einem über einen zum war haben nur oder aber vor zur bis mehr"
    " durch ich",
    "fr": "de le la les et est des un une du dans que qui pour pas au sur ne se il elle ce sont avec plus par son"
    " sa ses ou mais nous vous cette aux comme ont été être leur fait si même ces aussi où c'est d'un",
    "es": "de el la los las y es en que un una por con para del se su al lo como más pero sus le ya o fue este sí"
    " porque esta entre cuando muy sin sobre también hasta hay donde han está son ser desde todo nos",
    "it": "il la di e che è un una per non con del della si da le gli dei nel sono più anche ma al ha alla o delle"
    " lo se questo questa dal nella ci loro essere suo sua cui stato dalla degli",
    "pt": "de o os e é em que um uma por com para da não se na dos das ao mais como mas foi sua seu ou quando muito"
    " já também só pelo pela até isso ela entre depois sem mesmo aos seus são está você às pelos",
    "nl": "de het een en van dat op te niet zijn met voor er aan die om ook als bij door maar naar dan uit nog over"
    " wordt werd hij wel meer kan zich hebben heeft deze worden tot geen ze wat je",
    "sv": "och att det som en på är av för med den till inte om ett han var jag har de sig så från vi kan när nu"
    " också eller efter där ska vid sin mot alla hade blir hon skulle mycket",
    "da": "og det er en til på som af med den der ikke de et har jeg om var han vi sig så fra kan når efter også"
    " eller skal ved blev hun sin være hvor meget mod alle ville blive",
    "no": "og det er en til på som av med den ikke de et har jeg om var han vi seg så fra kan når etter også eller"
    " skal ved ble hun sin være hvor mye mot alle ville bli hva",
    "fi": "ja ei se että oli hän ovat kun mutta myös tai joka mukaan niin kuin sen jos ole ollut vain voi olla sekä"
    " hänen jo kanssa mitä tämä nyt vielä ne minä sitten tämän siitä",
    "pl": "w na z się że nie jest o jak po co od za ale przez był jego dla tym czy tego już są być który oraz może"
    " tylko ze tak które przy została tej było jako bardzo także",
    "cs": "v na se je že s z o ale za jako si po podle už jsou který jeho jen tak být od pro při byl bylo nebo jsem"
    " ve jak které až také není",
    "tr": "ve bir bu da de için ile olarak çok daha olan gibi kadar sonra ama en ne var o değil ben her ise göre"
    " olduğu kendi mi oldu diye şey olduğunu ya iki",
    "id": "yang dan di dengan untuk dari ini itu dalam pada tidak akan adalah ke juga karena oleh ada mereka"
    " sebagai bisa kami telah kita saya tersebut dapat atau bahwa lebih seperti sudah anda",
    "vi": "của và là có được cho không một người trong các với đã những này khi đến ở về từ để cũng như năm ra tôi"
    " đó vào nhiều phải nhưng anh sẽ bị",
    "ro": "și de la în pe cu nu este un o că să din au pentru se mai care fost ce sunt dar al prin după sau lui ale"
    " fi dintre această acest",
    "hu": "az és hogy nem egy van de ez ezt volt meg csak már azt mint vagy még ha el lesz így kell nagyon pedig"
    " mert után lehet kérdés minden volna",
    "ca": "de el la els les és que un una per amb del se al més com però seva seu dels ha són va també aquest"
    " aquesta molt sense fins entre quan",
}

# Letters that only the named language of its script, or hardly another, has.
LETTERS: dict[str, tuple[tuple[str, str], ...]] = {
    "Cyrillic": (("uk", "іїєґ"), ("ru", "ыэё"), ("sr", "ђјљњћџ"), ("bg", "ъ")),
    "Arabic": (("ur", "ٹڈڑںے"), ("fa", "پچژگ"), ("ar", "ةىأإيك")),
}
"""For a script: languages with the letters that tell them, the first that fits holds."""
