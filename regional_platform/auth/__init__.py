"""Who may speak: enrolment of desks, sign-in of people, sessions."""
