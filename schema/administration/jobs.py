"""Mutations of jobs: calls of functions as those of administration are, for everybody who has jobs."""

from schema.administration.description import Answer, Mutation, id_of

JOB = id_of("Job", "jobId", "job", "The job.")
ANSWERS = (Answer("job", "The job as it is now.", "jobId", "Job"),)

JOBS = (
    Mutation(
        "cancelJob",
        "access.cancel_job",
        "End a job that is under way: your own, or anybody's with `configure` on users. What has been done stays done;"
        " a batch at hand is undone.",
        (JOB,),
        ANSWERS,
        told=False,
    ),
    Mutation(
        "resumeJob",
        "access.resume_job",
        "Let a job of yours that was cancelled or has failed go on with the rows that are left.",
        (JOB,),
        ANSWERS,
        told=False,
    ),
)
