"""What of an account is sensitive (rule C9)."""

from schema.administration.description import Answer, Argument, Form, Mutation, Shape

SENSITIVITY = (
    Mutation(
        "setSensitive",
        "access.set_sensitive",
        "Make the sensitive columns of a module ordinary ones in the account, for whoever views the row and, to write"
        " them, updates it; or make them sensitive again. You need `configure` on settings, and on all rows"
        " `view_sensitive`, or `view` to make them sensitive again.",
        (
            Argument("module", "module", Form.TEXT, "Name of one of `sensitiveModules`: deals."),
            Argument("sensitive", "sensitive", Form.FLAG, "Whether they shall need `view_sensitive`."),
        ),
        (Answer("sensitiveModules", "As they are now, by module.", type_name="SensitiveModule", shape=Shape.LIST),),
    ),
)
