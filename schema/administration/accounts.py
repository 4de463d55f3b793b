"""Mutations of whole accounts: settings (rule O3), and what operators set (rule T8)."""

from schema.administration.description import RESULT, Answer, Argument, Form, Mutation, Shape

ACCOUNTS = (
    Mutation(
        "setRestrictNewContent",
        "access.set_restrict_new_content",
        'Switch "restrict new content" on or off: whether new content starts restricted to its creator\'s main team,'
        " where nothing else is named. Without a main team, only its owner, its creator and who holds scope `all` reach"
        " it. It takes `configure` on settings, and is in effect in modules that the account's tiers let be given to"
        " teams.",
        (Argument("restrict", "restrict", Form.FLAG, "Whether new content starts restricted."),),
        (Answer("account", "Your account as it is now.", type_name="Account", shape=Shape.ACCOUNT),),
    ),
    Mutation(
        "setAccount",
        "access.set_account",
        "Set the kind and the tiers of any account. For operators of this service alone; FORBIDDEN for everybody else."
        " It lets nobody see rows.",
        (
            Argument("slug", "slug", Form.TEXT, "Short name of the account."),
            Argument("kind", "kind", Form.TEXT, "Its kind; left out: it stays.", required=False, enum="AccountKind"),
            Argument("tiers", "tiers", Form.TIERS, "Tiers of hubs; of those left out: they stay.", required=False),
        ),
        (
            Answer("slug", "Short name of the account.", "slug", shape=Shape.TEXT),
            Answer("kind", "Its kind from now on.", RESULT, "AccountKind", Shape.TEXT),
            Answer(
                "tiers",
                "Its tiers from now on, of every hub.",
                "slug",
                "AccountTier",
                Shape.ROWS,
                "access.tiers_for_operator",
            ),
        ),
        within=False,
    ),
)
