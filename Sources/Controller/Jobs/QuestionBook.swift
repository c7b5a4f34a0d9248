package import MusterCore
import Synchronization

/// The `saltutil.find_job` publishes under way: their returns answer a question about another job and are not stored.
///
/// Asked from event loops for every return, so it is one look-up in a small dictionary under a `Mutex`.
package final class QuestionBook: Sendable {
    private struct Question {
        let job: JobID
        let asked: Timestamp
    }

    private let questions = Mutex<[JobID: Question]>([:])
    /// Questions older than this are forgotten; an answer to one is then a return of an unknown job.
    private let lifetime: Duration

    package init(lifetime: Duration = .seconds(600)) { self.lifetime = lifetime }

    /// Notes that the publish `question` asks about `job`.
    package func note(_ question: JobID, about job: JobID, at now: Timestamp) {
        questions.withLock { questions in
            questions = questions.filter { now - $0.value.asked < lifetime }
            questions[question] = Question(job: job, asked: now)
        }
    }

    /// The job a question was about, nil when the id is no question's.
    package func job(askedBy question: JobID) -> JobID? {
        questions.withLock { $0.isEmpty ? nil : $0[question]?.job }
    }
}
