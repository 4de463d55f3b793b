"""Mutations that erase people: who is a row of a module, and members."""

from schema.administration.description import REASSIGNED, RESULT, Answer, Argument, Form, Mutation, Shape, id_of
from schema.modules import REGISTRY
from schema.names import singular_field

ERASURES = (
    *(
        Mutation(
            f"erase{module.type_name}",
            f"access.erase_{module.name}",
            f"Erase a person for good: the {module.singular}, there or in the trash, all that belongs to it and all"
            " that is about that person alone, and what was written about it as a reason. Nothing can be restored."
            " It takes `delete` and `view_sensitive` on the row, and `delete` on all rows of what goes with it.",
            (id_of(module.type_name, "id", "subject", f"Id of the {singular_field(module)}."),),
            (
                Answer("erasedId", "Id of the row that is gone for good.", "id", module.type_name, Shape.ID),
                Answer("erased", "How many rows are gone, with what belonged to them.", RESULT, shape=Shape.COUNT),
            ),
        )
        for module in REGISTRY.modules
        if module.known_as
    ),
    Mutation(
        "erasePerson",
        "access.erase_member",
        "Erase the name and the address of a member from the account for good. A member still is removed, as"
        " `removeMember` does it, with all that it asks. What the person made stays, and says so of an erased person.",
        (
            id_of("Member", "memberId", "member", "The member, or who was one."),
            Argument(
                "newOwnerId",
                "new_owner",
                Form.ID,
                "Who owns the rows of a member then (a Person); left out or null: nobody.",
                required=False,
                types=("Person", "Member"),
            ),
        ),
        (
            Answer("erasedId", "Id of the person who is erased.", "memberId", "Person", Shape.ID),
            Answer(
                "person",
                "The person as of now, under the name that stands for it; null where you may not know them any more.",
                "memberId",
                "Person",
            ),
            *REASSIGNED,
        ),
    ),
)
