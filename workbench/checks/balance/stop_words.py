"""The commonest words of some languages, which say nothing about a topic. English ones come from scikit-learn."""

from __future__ import annotations

COMMONEST = (
    # German, Dutch, Swedish
    "der die das den dem des ein eine einer einem einen und oder aber nicht mit von zu im in auf für ist sind war wird "
    "werden auch als es sie er ich wir sich an bei nach aus wie dass zum zur über hat haben kann nur noch so um durch "
    "de het een en van op te dat die niet zijn voor met is aan er ook maar bij wordt naar om als door worden of deze "
    "och att det som en på är av för med den till inte har om ett jag från kan men vi de så var eller vid ska man "
    # French, Spanish, Italian, Portuguese
    "le la les un une des du de et ou à au aux en dans pour par sur avec que qui ne pas est sont ce cette il elle nous "
    "vous se plus son sa ses leur mais comme été être ont on el los las una del al con por para su sus no es "
    "lo como más "
    "pero este esta ha son fue ser sin entre cuando muy ya también il lo gli di che non per dei della delle nel nella "
    "alla sono si come anche più questo questa ed dal o os as um uma do da dos das na nas em ao com não mais "
    # Finnish, Polish, Turkish, Indonesian, Vietnamese
    "ja on ei se että oli hän mutta ovat joka myös kun sen niin tai mukaan kuin jos nie się na jest że do to jak po co "
    "ale od za czy dla przez tak oraz ve bir bu da için ile çok olarak daha olan gibi her kadar yang dan di ini itu "
    "dengan untuk tidak dari dalam akan pada adalah ke juga saya mereka bisa ada là và của có không được cho các một "
    "những người này trong với đã bạn tôi để khi thì cũng như "
    # Russian, Ukrainian, Arabic, Hindi, Korean
    "и в не на что с по как это он но из у за то все так его же от для мы вы они был было быть или і та що у "
    "з до як це "
    "не на є від за про або його من في على إلى أن عن ما لا هذا التي الذي كان مع هذه و أو لم قد "
    "के में है की को से का और पर यह हैं कि भी ने एक नहीं तो था हो 이 그 및 수 있는 것 등 더 한 있다"
)
OTHER_LANGUAGES = frozenset(COMMONEST.split())
# How tasks are worded, whatever they are about; and what people say in passing.
TASKS = (
    "given following provide provided use used using write create make list example examples description describe "
    "explain based answer question please need want know like just yeah really think good thanks thank help "
    "input output text"
)
TASK_WORDS = frozenset(TASKS.split())
