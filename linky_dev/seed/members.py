# ruff: noqa: E501 - A text is one line, as its author typed it.
"""The members and the lounges of the demo."""

from linky_dev.seed.story import DemoLounge, DemoMember

MEMBERS = (
    DemoMember("admin", "Linky運営", "Linkyの運営チームです。困ったことがあれば、お気軽に声をかけてください。", 200, None, "asagiri-no-minato", admin=True),
    DemoMember("hanako", "はなこ", "茶トラの「きなこ」と暮らしています🐾\n休日は喫茶店めぐり。クリームソーダに目がありません。", 180, "cat", "cream-soda-to-neko"),
    DemoMember("taro", "たろう＠週末カメラ", "平日は会社員、週末はカメラ片手にうろうろ。中古で買った単焦点一本で撮っています。", 171, "camera", "hiruyasumi-no-camera"),
    DemoMember("mika", "みかん農家のむすめ", "愛媛出身、いまはベランダ菜園3年目。土を触っているときがいちばん落ち着きます。", 160, "mandarin"),
    DemoMember("ken", "けんけん", "Webエンジニア8年目。PythonとTypeScriptを行ったり来たり。コーヒーは1日4杯まで。", 152),
    DemoMember("sora", "そらいろ", "空の写真ばかり撮っています。朝焼け派。", 140, "sky"),
    DemoMember("yuki", "ゆきんこ", "北海道の図書館で働いています。ミステリと翻訳ものが好き。積読は、もう数えるのをやめました。", 131, "snow"),
    DemoMember("ryo", "リョウ", "40歳から走り始めました。フル自己ベストは3時間58分。今年こそ3時間50分を切りたい！", 118),
    DemoMember("nao", "なおキッチン", "二児の母。作りおきと時短がテーマです。レシピはだいたい目分量🙏", 103, "onigiri"),
    DemoMember("emi", "えみ", "映画館で年間100本。ホラー以外はなんでも観ます。", 96, "clapper"),
    DemoMember("pen", "旅するペンギン", "青春18きっぷと各駅停車。47都道府県制覇まで、あと6県。", 27, "penguin"),
    DemoMember("emma", "Emma", "I moved from Melbourne to Kyoto two years ago. 日本語を勉強中です。まちがえたら、おしえてください！", 24, english=True),
    DemoMember("toru", "通りすがりのT", "", 23),
    DemoMember("jun", "じゅんぺい", "情報系の大学2年生。アプリを作ってみたくて勉強中です。", 22),
)  # fmt: skip

LOUNGES = (
    DemoLounge("talk", "はじめまして・雑談", "自己紹介や、ちょっとしたおしゃべりの部屋です。はじめての方は、まずここでひとこと。どんな話題でも大歓迎！", 199, "admin hanako mika nao jun emma", "river"),
    DemoLounge("photo", "写真", "スマホでもフィルムでも。今日撮った一枚を見せ合いましょう。撮影場所や設定のひとことがあると、みんな喜びます。", 198, "taro sora hanako pen emma mika ken emi yuki ryo", "dawn"),
    DemoLounge("cat", "猫", "うちの子自慢、保護猫の相談、通りすがりの猫まで。猫が好きなら、それだけで十分です。", 197, "hanako yuki nao emi taro sora mika ken emma jun pen", "kinako"),
    DemoLounge("cafe", "カフェ巡り", "お気に入りの喫茶店、ひとりで落ち着ける席、また食べたいプリン。お店の方への思いやりを忘れずに、ゆるく語りましょう。", 190, "hanako taro emi emma yuki sora nao", "cafe"),
    DemoLounge("travel", "旅行", "次の休みはどこへ行こう。旅の計画も、思い出も、失敗談も。ひとり旅も家族旅行もどうぞ。", 188, "pen taro sora emma hanako ryo emi mika", "fuji"),
    DemoLounge("cook", "料理", "晩ごはんの悩みはここへ。凝ったものより「今日なに作った？」を気軽に。失敗作も、りっぱな一品です。", 170, "nao mika hanako ryo emi jun pen emma yuki", "curry"),
    DemoLounge("code", "プログラミング", "言語も経験年数も問いません。つまずいたところ、作ったもの、読んでよかった本の話など。質問は何度でも。", 150, "ken jun taro", "code"),
    DemoLounge("book", "読書", "いま読んでいる本のこと、忘れられない一冊のこと。ネタバレは一行あけてからお願いします。", 149, "yuki emi hanako ken emma", "bookshelf"),
    DemoLounge("film", "映画", "新作も名作も、配信も劇場も。観終わったあと誰かと話したくなったら、ここへ。", 120, "emi yuki taro ken", "cinema"),
    DemoLounge("run", "ランニング", "1kmからフルマラソンまで。自分のペースで走る人の部屋です。今日の距離、シューズ、足の痛み、なんでも。", 115, "ryo ken"),
    DemoLounge("garden", "ガーデニング", "ベランダの一鉢から畑まで。育てる楽しみと、枯らしてしまった悲しみを分かち合いましょう🌱", 100, "mika nao yuki emma", "hydrangea"),
)  # fmt: skip

VIEWED_LOUNGES = {
    "admin": "talk code photo cat",
    "hanako": "talk book travel garden photo cafe cat",
    "taro": "code film cat travel cafe photo",
}
"""The lounges that members have viewed, the latest last."""
